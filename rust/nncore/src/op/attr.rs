//! Attributes as data: what the door parses, a guard hashes, an exporter writes.
use crate::dtype::DType;
use smallvec::{smallvec, SmallVec};

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Ints(Ints),
    Floats(Floats),
    DType(DType),
    /// Which of the kind's choices.
    Choice(u8),
}
/// What values an attribute takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttrKind {
    Bool,
    Int,
    Float,
    /// One int or several.
    Ints,
    /// One int or several, or a tensor of them.
    Counts,
    /// One int for both axes, or two.
    Pair,
    /// One int for depth, height and width, or three.
    Triple,
    /// One float or several.
    Floats,
    /// Ints, or one of these words instead.
    IntsOr(&'static [&'static str]),
    /// Ints, any of which may be None.
    Sizes,
    DType,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A float, or one of these words.
    FloatOr(&'static [&'static str]),
}
/// An attribute as its signature declares it.
#[derive(Debug)]
pub struct AttrInfo {
    pub name: &'static str,
    pub kind: AttrKind,
    /// May it be None?
    pub optional: bool,
    pub default: Option<fn() -> Attr>,
}

/// A Rust type that is an attribute. `from_attr` is given what the kind allows: the door has checked it.
pub trait AttrType: Sized {
    const KIND: AttrKind;
    const OPTIONAL: bool = false;
    fn from_attr(a: &Attr) -> Self;
    fn to_attr(&self) -> Attr;
}

/// Sizes, axes, indices.
pub type Ints = SmallVec<[i64; 6]>;
/// Factors, one for all axes or one each.
pub type Floats = SmallVec<[f64; 3]>;
/// Height and width.
pub type Pair = (i64, i64);

impl AttrType for bool {
    const KIND: AttrKind = AttrKind::Bool;
    fn from_attr(a: &Attr) -> bool {
        matches!(a, Attr::Bool(true))
    }
    fn to_attr(&self) -> Attr {
        Attr::Bool(*self)
    }
}
impl AttrType for i64 {
    const KIND: AttrKind = AttrKind::Int;
    fn from_attr(a: &Attr) -> i64 {
        match a {
            Attr::Int(x) => *x,
            other => unreachable!("an int was checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        Attr::Int(*self)
    }
}
impl AttrType for f64 {
    const KIND: AttrKind = AttrKind::Float;
    fn from_attr(a: &Attr) -> f64 {
        match a {
            Attr::Float(x) => *x,
            Attr::Int(x) => *x as f64,
            other => unreachable!("a float was checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        Attr::Float(*self)
    }
}
impl AttrType for Ints {
    const KIND: AttrKind = AttrKind::Ints;
    fn from_attr(a: &Attr) -> Ints {
        match a {
            Attr::Ints(x) => x.clone(),
            Attr::Int(x) => smallvec![*x],
            other => unreachable!("ints were checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        Attr::Ints(self.clone())
    }
}
/// One number or several, which Python may give as a tensor of integers, too: the host reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts(pub OneOrMore);
impl AttrType for Counts {
    const KIND: AttrKind = AttrKind::Counts;
    fn from_attr(a: &Attr) -> Counts {
        Counts(OneOrMore::from_attr(a))
    }
    fn to_attr(&self) -> Attr {
        self.0.to_attr()
    }
}
/// One number, which is not the same as a list that holds only it: `split(x, 3)` makes pieces of 3, `split(x, [3])` one piece.
#[derive(Clone, Debug, PartialEq)]
pub enum OneOrMore {
    One(i64),
    More(Ints),
}
impl AttrType for OneOrMore {
    const KIND: AttrKind = AttrKind::Ints;
    fn from_attr(a: &Attr) -> OneOrMore {
        match a {
            Attr::Int(x) => OneOrMore::One(*x),
            a => OneOrMore::More(Ints::from_attr(a)),
        }
    }
    fn to_attr(&self) -> Attr {
        match self {
            OneOrMore::One(x) => Attr::Int(*x),
            OneOrMore::More(x) => Attr::Ints(x.clone()),
        }
    }
}
impl AttrType for Floats {
    const KIND: AttrKind = AttrKind::Floats;
    fn from_attr(a: &Attr) -> Floats {
        match a {
            Attr::Floats(x) => x.clone(),
            Attr::Float(x) => smallvec![*x],
            other => unreachable!("floats were checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        Attr::Floats(self.clone())
    }
}
/// A number for each of three dimensions.
impl AttrType for [i64; 3] {
    const KIND: AttrKind = AttrKind::Triple;
    fn from_attr(a: &Attr) -> [i64; 3] {
        match a {
            Attr::Ints(x) if x.len() == 3 => [x[0], x[1], x[2]],
            Attr::Int(x) => [*x; 3],
            other => unreachable!("three ints were checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        Attr::Ints((&self[..]).into())
    }
}
/// The padding of a convolution.
#[derive(Clone, Debug, PartialEq)]
pub enum Padding {
    Given(OneOrMore),
    /// As much as keeps the size.
    Same,
    /// None.
    Valid,
}
impl AttrType for Padding {
    const KIND: AttrKind = AttrKind::IntsOr(&["same", "valid"]);
    fn from_attr(a: &Attr) -> Padding {
        match a {
            Attr::Choice(0) => Padding::Same,
            Attr::Choice(_) => Padding::Valid,
            a => Padding::Given(OneOrMore::from_attr(a)),
        }
    }
    fn to_attr(&self) -> Attr {
        match self {
            Padding::Given(n) => n.to_attr(),
            Padding::Same => Attr::Choice(0),
            Padding::Valid => Attr::Choice(1),
        }
    }
}
/// Sizes, where None means that a size stays as it is; one alone is that of all dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes(pub SmallVec<[Option<i64>; 3]>);
/// How None lies among ints.
pub const NO_SIZE: i64 = i64::MIN;
impl AttrType for Sizes {
    const KIND: AttrKind = AttrKind::Sizes;
    fn from_attr(a: &Attr) -> Sizes {
        let size = |v: &i64| (*v != NO_SIZE).then_some(*v);
        match a {
            Attr::Int(x) => Sizes(smallvec![size(x)]),
            Attr::Ints(x) => Sizes(x.iter().map(size).collect()),
            other => unreachable!("sizes were checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        match &self.0[..] {
            [one] => Attr::Int(one.unwrap_or(NO_SIZE)),
            more => Attr::Ints(more.iter().map(|v| v.unwrap_or(NO_SIZE)).collect()),
        }
    }
}
impl AttrType for Pair {
    const KIND: AttrKind = AttrKind::Pair;
    fn from_attr(a: &Attr) -> Pair {
        match a {
            Attr::Ints(x) if x.len() == 2 => (x[0], x[1]),
            Attr::Int(x) => (*x, *x),
            other => unreachable!("a pair was checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        Attr::Ints(smallvec![self.0, self.1])
    }
}
impl AttrType for DType {
    const KIND: AttrKind = AttrKind::DType;
    fn from_attr(a: &Attr) -> DType {
        match a {
            Attr::DType(x) => *x,
            other => unreachable!("a dtype was checked for, got {other:?}"),
        }
    }
    fn to_attr(&self) -> Attr {
        Attr::DType(*self)
    }
}
impl<A: AttrType> AttrType for Option<A> {
    const KIND: AttrKind = A::KIND;
    const OPTIONAL: bool = true;
    fn from_attr(a: &Attr) -> Option<A> {
        match a {
            Attr::None => None,
            a => Some(A::from_attr(a)),
        }
    }
    fn to_attr(&self) -> Attr {
        self.as_ref().map_or(Attr::None, A::to_attr)
    }
}

/// Declares an enum that is an attribute, with the words that Python uses.
#[macro_export]
macro_rules! choice {
    ($(#[$m:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$m])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($variant),* }
        impl $crate::op::AttrType for $name {
            const KIND: $crate::op::AttrKind = $crate::op::AttrKind::Choice(&[$($word),*]);
            fn from_attr(a: &$crate::op::Attr) -> Self {
                match a {
                    $crate::op::Attr::Choice(i) => [$($name::$variant),*][*i as usize],
                    other => unreachable!("a choice was checked for, got {other:?}"),
                }
            }
            fn to_attr(&self) -> $crate::op::Attr { $crate::op::Attr::Choice(*self as u8) }
        }
    };
}
