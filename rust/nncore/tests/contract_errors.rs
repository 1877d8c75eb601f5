//! Errors, for every op of the list: what it refuses is said in its name, before anything is changed; and whatever it is
//! given, it answers or refuses.
use nncore::op::{Arity, Attr, AttrKind, Case, OpInfo, Outputs, Refusal};
use nncore::ops::{self, copy};
use nncore::{DType, Error, Kind, Tensor};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{catch_unwind, AssertUnwindSafe};

fn run(info: &OpInfo, attrs: &[Attr], ins: &[Option<Tensor>]) -> Result<Outputs, Box<Error>> {
    (info.call)(attrs, &ins.iter().map(|t| t.as_ref()).collect::<Vec<_>>())
}
fn own(v: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
    v.iter().map(|t| t.as_ref().map(|t| copy::fresh(&t.detach()).expect("a copy"))).collect()
}
/// Fails with all that went wrong, not with the first.
#[track_caller]
fn report(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

/// Attributes that name dimensions, by their names.
const DIMS: [&str; 10] = ["dim", "dim0", "dim1", "dim2", "dims", "axis0", "axis1", "dimension", "start_dim", "end_dim"];
/// Where such a name stands for something else: `tile`'s dims are numbers of repeats. `roll` takes a dimension twice.
const NO_DIMS: [(&str, &str); 2] = [("tile", "dims"), ("roll", "dims")];
/// What windows have.
const WINDOWS: [&str; 5] = ["kernel_size", "stride", "padding", "dilation", "output_padding"];

/// What follows from the declaration: dimensions are in range, and named once; windows have numbers for their dimensions,
/// and none that is too small.
fn derived(info: &OpInfo) -> Vec<Refusal> {
    // An op with indices for its dimensions is refused for their number first.
    if info.inputs.iter().any(|i| i.name == "indices" && i.arity == Arity::List) {
        return vec![];
    }
    let mut all = vec![];
    let list = |v: &[i64]| Attr::Ints(v.into());
    let with_dimensions = |c: &Case| c.inputs.iter().flatten().next().is_some_and(|t| t.spec.rank() > 0);
    for (k, a) in info.attrs.iter().enumerate() {
        let mut refuse = |value: Attr, kind, says| {
            let Some(Case { mut attrs, inputs }) = (info.cases)().into_iter().find(with_dimensions) else { return };
            attrs[k] = value;
            all.push(Refusal { case: Case { attrs, inputs }, kind, says })
        };
        let dims = DIMS.contains(&a.name) && !NO_DIMS.contains(&(info.name, a.name));
        match a.kind {
            AttrKind::Int if dims => {
                refuse(Attr::Int(99), Kind::Shape, "dim 99 is out of range");
                refuse(Attr::Int(i64::MIN), Kind::Shape, "dim -9223372036854775808 is out of range");
            }
            AttrKind::Ints if dims => {
                refuse(list(&[99]), Kind::Shape, "dim 99 is out of range");
                refuse(list(&[0, 0]), Kind::Shape, "[0, 0]");
            }
            AttrKind::Ints | AttrKind::IntsOr(_) if WINDOWS.contains(&a.name) => {
                refuse(list(&[1; 9]), Kind::Value, "must be one number");
                refuse(Attr::Int(-1), Kind::Value, "must be at least");
            }
            AttrKind::Pair if WINDOWS.contains(&a.name) => refuse(list(&[-1, -1]), Kind::Value, "must be at least"),
            _ => {}
        }
    }
    all
}

#[test]
fn what_an_op_refuses_is_told_before_anything_is_changed() {
    // Built without debug assertions an op carries no refusals.
    if !cfg!(debug_assertions) {
        return;
    }
    let mut wrong = vec![];
    for info in ops::all() {
        for r in (info.refusals)().into_iter().chain(derived(info)) {
            let given = own(&r.case.inputs);
            let what = format!("{} {:?} ({:?})", info.name, r.case.attrs, r.says);
            let Err(e) = run(info, &r.case.attrs, &given) else {
                wrong.push(format!("{what} was to be refused"));
                continue;
            };
            if (e.kind, e.op) != (r.kind, info.name) || !e.text.contains(r.says) {
                wrong.push(format!("{what}: {:?} {e}", e.kind));
            }
            for (now, before) in given.iter().zip(&r.case.inputs) {
                let (Some(now), Some(before)) = (now, before) else { continue };
                let values = |t: &Tensor| format!("{:?}", t.to_f64s().expect("numbers"));
                if values(now) != values(before) {
                    wrong.push(format!("{what}: its inputs have changed"))
                }
            }
        }
    }
    report(wrong)
}

/// Tensors that are seldom thought of: without dimensions, without elements, with many dimensions, of every dtype, turned,
/// and with values that are no numbers or no places.
fn odd_tensors(t: &Tensor) -> Vec<(&'static str, Tensor)> {
    let of = |d: &[u32]| ops::sample(1, d);
    let cast = |t: &Tensor, d| ops::cast::cast(&t.detach(), d).expect("a cast");
    let dims = t.spec.dims();
    let filled = |v: f64, d| cast(&Tensor::from_slice(&vec![v; t.spec.numel()], dims).expect("a tensor"), d);
    let mut all = vec![
        ("0-d", of(&[])),
        ("empty", of(&[0])),
        ("no rows", of(&[0, 3])),
        ("no columns", of(&[2, 0])),
        ("a vector", of(&[5])),
        ("a matrix", of(&[3, 2])),
        ("3-d", of(&[2, 3, 1])),
        ("4-d", of(&[1, 2, 3, 2])),
        ("8-d", of(&[1, 2, 1, 1, 2, 1, 1, 2])),
        ("NaN", filled(f64::NAN, DType::F64)),
        ("infinite", filled(f64::INFINITY, DType::F32)),
        ("-1", filled(-1.0, DType::I64)),
        ("far away", filled(4e18, DType::I64)),
        ("0-d int64", Tensor::scalar(7i64).expect("a scalar")),
        ("empty int64", Tensor::from_slice::<i64>(&[], &[0]).expect("a tensor")),
        ("empty bool", Tensor::from_slice::<bool>(&[], &[0]).expect("a tensor")),
    ];
    all.extend(DType::ALL.iter().map(|d| (d.name(), cast(t, *d))));
    if let [.., a, b] = dims {
        let swapped = [&dims[..dims.len() - 2], &[*b, *a]].concat();
        all.push(("turned", of(&swapped)));
    }
    all
}
/// Numbers that are seldom thought of. None that would be a tensor of gigabytes, which may be there.
const INTS: [i64; 13] = [0, 1, -1, 2, -2, 3, 5, 1 << 31, 1 << 40, 1 << 62, i64::MAX, i64::MIN + 1, i64::MIN];

fn odd_attrs(kind: AttrKind, optional: bool) -> Vec<Attr> {
    let list = |v: &[i64]| Attr::Ints(v.into());
    let ints = || -> Vec<Attr> {
        let mut all: Vec<Attr> = INTS.iter().flat_map(|&v| [Attr::Int(v), list(&[v]), list(&[v, v])]).collect();
        all.extend(
            [&[][..], &[0, 1], &[1, 0], &[1, 2, 3], &[-1, 2], &[2, -1, -1], &[1; 9], &[1, 1 << 62, 4]].map(list),
        );
        all
    };
    let floats = [0.0, -0.0, 1.0, -1.0, 1e-300, 1e308, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let mut all = match kind {
        AttrKind::Bool => vec![Attr::Bool(false), Attr::Bool(true)],
        AttrKind::Int => INTS.map(Attr::Int).into(),
        AttrKind::Float | AttrKind::FloatOr(_) => floats.map(Attr::Float).into(),
        AttrKind::Ints | AttrKind::Counts | AttrKind::IntsOr(_) | AttrKind::Sizes => ints(),
        AttrKind::Pair => INTS.iter().map(|&v| list(&[v, 1])).chain(INTS.iter().map(|&v| list(&[v, v]))).collect(),
        AttrKind::Triple => INTS.iter().map(|&v| list(&[1, v, v])).collect(),
        AttrKind::Floats => floats.map(|v| Attr::Floats([v].into_iter().collect())).into(),
        AttrKind::DType => DType::ALL.map(Attr::DType).into(),
        AttrKind::Choice(_) => vec![],
    };
    if let AttrKind::Choice(words) | AttrKind::IntsOr(words) | AttrKind::FloatOr(words) = kind {
        all.extend((0..words.len()).map(|i| Attr::Choice(i as u8)))
    }
    if optional {
        all.push(Attr::None)
    }
    all
}

/// Runs every public op on all that is seldom thought of, each with one odd attribute or input. Tells of each call that was
/// refused; gives back those that panicked, or failed without a word of their own.
fn on_odd_arguments(refused: &mut dyn FnMut(&'static OpInfo, &str, &Error)) -> Vec<String> {
    // Where it was, instead of a page of backtrace; other tests run beside this one, and want theirs.
    thread_local! { static WHERE: RefCell<Option<String>> = const { RefCell::new(None) } }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |p| match WHERE.with_borrow(|w| w.is_some()) {
        true => WHERE.set(Some(p.to_string().replace('\n', " "))),
        false => before(p),
    }));
    WHERE.set(Some(String::new()));
    let mut wrong = BTreeSet::new();
    let mut call = |info: &'static OpInfo, attrs: &[Attr], ins: &[Option<Tensor>], what: String| {
        let what = format!("{} {attrs:?} {what}", info.name);
        let done = catch_unwind(AssertUnwindSafe(|| match run(info, attrs, &own(ins)) {
            // All of it can be read.
            Ok(outs) => outs.iter().try_for_each(|t| t.to_f64s().map(|_| ())),
            Err(e) => Err(e),
        }));
        match done {
            Ok(Ok(())) => {}
            Ok(Err(e)) if e.op == info.name && !e.text.is_empty() && e.kind != Kind::Memory => refused(info, &what, &e),
            Ok(Err(e)) => drop(wrong.insert(format!("{what}: {:?} {e}", e.kind))),
            Err(_) => {
                let place = WHERE.with_borrow(|w| w.clone().unwrap_or_default());
                wrong.insert(format!("{what}: {place}"));
            }
        }
    };
    for info in ops::all().filter(|o| o.public) {
        for Case { attrs, inputs } in (info.cases)().into_iter().take(3) {
            for (k, a) in info.attrs.iter().enumerate() {
                for odd in odd_attrs(a.kind, a.optional) {
                    let mut with = attrs.clone();
                    with[k] = odd;
                    call(info, &with, &inputs, String::new());
                }
            }
            for (k, t) in inputs.iter().enumerate() {
                let p = info.input(k, inputs.len());
                let like = t.clone().unwrap_or_else(|| ops::sample(1, &[2, 3]));
                for (name, odd) in odd_tensors(&like) {
                    let mut with = inputs.clone();
                    with[k] = Some(odd);
                    call(info, &attrs, &with, format!("with {} {name} for {:?}", p.name, like.spec));
                }
                if p.arity == Arity::Optional {
                    let mut with = inputs.clone();
                    with[k] = None;
                    call(info, &attrs, &with, format!("without {}", p.name));
                }
            }
            let single = info.inputs.iter().take_while(|i| i.arity != Arity::List).count();
            if single < info.inputs.len() {
                call(info, &attrs, &inputs[..single], "without tensors".into());
            }
        }
    }
    WHERE.set(None);
    wrong.into_iter().collect()
}

/// Some ops take whatever they are given, and list nothing: functions of one tensor, views with more dimensions. The others
/// list what they refuse.
#[test]
fn whatever_it_is_given_an_op_answers_or_refuses_and_lists_what() {
    // Built without debug assertions an op carries no refusals.
    if !cfg!(debug_assertions) {
        return;
    }
    let listed: HashMap<&str, BTreeSet<String>> = ops::all()
        .map(|info| {
            let all = (info.refusals)().into_iter().chain(derived(info));
            let said = all.filter_map(|r| run(info, &r.case.attrs, &own(&r.case.inputs)).err());
            (info.name, said.map(|e| template(&e.text)).collect())
        })
        .collect();
    let mut unlisted = BTreeMap::new();
    let mut wrong = on_odd_arguments(&mut |info, what, e| {
        let template = template(&e.text);
        if !listed[info.name].contains(&template) {
            unlisted.entry((info.name, template)).or_insert_with(|| format!("{} ({what})", e.text));
        }
    });
    wrong.extend(unlisted.into_iter().map(|((op, _), text)| format!("{op} lists no such refusal: {text}")));
    report(wrong)
}
/// A message without what was given.
fn template(text: &str) -> String {
    let given = |word: &str| {
        let names = ["NaN", "inf", "None", "bool", "true", "false"];
        word.contains(|c: char| c.is_ascii_digit() || c == '[') || names.iter().any(|n| word.contains(n))
    };
    let mut words: Vec<&str> = text.split(' ').map(|word| if given(word) { "#" } else { word }).collect();
    words.dedup();
    words.join(" ")
}
