//! `op!`: declares an op. It only lists: name, documentation, inputs, outputs, attributes.

/// ```text
/// op! {
///     /// Documentation, in the words that Python's users will read.
///     pub Conv2d = "conv2d"(input: One @ ChannelsLast, weight: One @ ChannelsLast, bias: Optional) -> (output; 1) {
///         stride: Pair = (1, 1), padding: Pair = (0, 0),
///     }
/// }
/// ```
/// `pub` makes it a function of `nncore.ops`. Inputs are `One`, `Optional` or `List`, then `+ mutated`, `+ promote`,
/// `+ float`, `+ constant` or `+ gaps`, then the layout that the kernel walks (row-major unless said). After the outputs: how
/// many are returned, `*` for a tuple of as many as the call makes (`split`), or `+` for the same, but one by itself (`max_pool2d`).
/// Python's function takes inputs, then attributes, unless their names follow in another order: `[input, dim, index]`.
#[macro_export]
macro_rules! op {
    ($(#[doc = $doc:literal])* $vis:vis $S:ident = $name:literal
        ( $($in:ident : $arity:ident $(+ $flag:ident)* $(@ $lay:ident)?),* $(,)? ) -> ( $($o:ident),* ; $returns:tt )
        { $($a:ident : $T:ty $(= $d:expr)?),* $(,)? } $([ $($order:ident),* ])?) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $S { $(pub $a: $T),* }
        impl $crate::op::Signature for $S {
            type Inputs = $crate::op::InputCount<{ <[&str]>::len(&[$(stringify!($in)),*]) }>;
            #[inline]
            fn info() -> &'static $crate::op::OpInfo {
                static INFO: $crate::op::OpInfo = $crate::op::OpInfo {
                    name: $name,
                    doc: concat!($($doc, "\n"),*),
                    public: !stringify!($vis).is_empty(),
                    inputs: &[$($crate::op::Input {
                        name: stringify!($in),
                        arity: $crate::op::Arity::$arity,
                        mutated: false $(|| $crate::op!(@is mutated $flag))*,
                        promote: false $(|| $crate::op!(@is promote $flag))*,
                        float: false $(|| $crate::op!(@is float $flag))*,
                        constant: false $(|| $crate::op!(@is constant $flag))*,
                        gaps: false $(|| $crate::op!(@is gaps $flag))*,
                        layout: $crate::op!(@layout $($lay)?),
                    }),*],
                    attrs: &[$($crate::op::AttrInfo {
                        name: stringify!($a),
                        kind: <$T as $crate::op::AttrType>::KIND,
                        optional: <$T as $crate::op::AttrType>::OPTIONAL,
                        default: $crate::op!(@default $T $(, $d)?),
                    }),*],
                    order: &[$($(stringify!($order)),*)?],
                    outputs: &[$(stringify!($o)),*],
                    returns: $crate::op!(@returns $returns),
                    many: $crate::op!(@many $returns),
                    mutates: false $($(|| $crate::op!(@is mutated $flag))*)*,
                    promotes: false $($(|| $crate::op!(@is promote $flag) || $crate::op!(@is float $flag))*)*,
                    call: |_attrs, ins| {
                        let mut _next = _attrs.iter();
                        let op = $S { $($a: <$T as $crate::op::AttrType>::from_attr(_next.next().expect("an attribute"))),* };
                        let info = <$S as $crate::op::Signature>::info();
                        $crate::op::Function::call(&op, ins).map_err(|e| $crate::dispatch::named(e, info, ins))
                    },
                    cases: <$S as $crate::op::Function>::cases,
                    // For tests, which run with these checks on. What is shipped needs no calls that fail.
                    refusals: if cfg!(debug_assertions) {
                        <$S as $crate::op::Function>::refusals as fn() -> Vec<$crate::op::Refusal>
                    } else {
                        Vec::new
                    },
                };
                &INFO
            }
            fn defaults() -> Option<$S> {
                Some($S { $($a: $crate::op!(@own $T $(, $d)?)),* })
            }
            fn attrs(&self) -> Vec<$crate::op::Attr> { vec![$($crate::op::AttrType::to_attr(&self.$a)),*] }
        }
    };
    (@returns *) => { usize::MAX };
    (@returns +) => { usize::MAX };
    (@returns $n:literal) => { $n };
    (@many *) => { true };
    (@many +) => { false };
    (@many $n:literal) => { false };
    (@is mutated mutated) => { true };
    (@is promote promote) => { true };
    (@is float float) => { true };
    (@is constant constant) => { true };
    (@is gaps gaps) => { true };
    (@is $want:ident $other:ident) => { false };
    (@layout) => { $crate::op::Layout::Contiguous };
    (@layout $l:ident) => { $crate::op::Layout::$l };
    (@own $T:ty) => { Option::<$T>::None? };
    (@own $T:ty, $d:expr) => { $d };
    (@default $T:ty) => { None };
    (@default $T:ty, $d:expr) => { Some(|| { let d: $T = $d; $crate::op::AttrType::to_attr(&d) }) };
}
