//! What elementwise ops and activations refuse, what they do at their edges, and where their gradients go on a tie.
mod reference;
use nncore::op::Attr;
use nncore::{DType, Kind, Tensor};
use reference::*;

fn floats(v: &[f32]) -> Tensor {
    Tensor::from_slice(v, &[v.len() as u32]).unwrap()
}
fn scalar(x: f64) -> Tensor {
    Tensor::scalar(x).unwrap()
}
fn values(t: &Tensor) -> Vec<f64> {
    t.to_f64s().unwrap()
}
/// The gradients of the sum of an op's result.
fn gradients(name: &str, attrs: &[Attr], ins: &[&Tensor]) -> Vec<Vec<f64>> {
    let leaves: Vec<Tensor> = ins.iter().map(|t| t.leaf()).collect();
    let y = call(name, attrs, &leaves.iter().collect::<Vec<_>>());
    let total = nncore::ops::sum::sum(&y).unwrap();
    let g = nncore::grad(&total, &leaves.iter().collect::<Vec<_>>(), None, Default::default()).unwrap();
    g.into_iter().map(|g| values(&g.unwrap())).collect()
}

#[test]
fn attributes_out_of_range_are_named() {
    let x = f64s(&[1.0, 2.0, 3.0]);
    let value = |name, attrs: &[Attr], words: &[&str]| assert_eq!(refused(name, attrs, &[&x], words), Kind::Value);
    value("celu", &[Attr::Float(0.0)], &["alpha", "got 0"]);
    value("hardtanh", &[Attr::Float(2.0), Attr::Float(1.0)], &["min_val", "max_val", "got 2 and 1"]);
    value("softshrink", &[Attr::Float(-1.0)], &["lambd", "got -1"]);
    value("hardshrink", &[Attr::Float(f64::NAN)], &["lambd", "got NaN"]);
    value("round", &[Attr::Int(31)], &["decimals", "got 31"]);
    assert_eq!(refused("glu", &[Attr::Int(0)], &[&x], &["even", "got 3"]), Kind::Shape);
    assert_eq!(refused("glu", &[Attr::Int(-1)], &[&scalar(1.0)], &["0-d"]), Kind::Shape);
    assert_eq!(refused("prelu", &[], &[&x, &x], &["one weight", "[3]"]), Kind::Shape);
    let none = (nncore::ops::find("clamp").unwrap().call)(&[], &[Some(&x), None, None]).unwrap_err();
    assert!(none.kind == Kind::Value && none.to_string().contains("got None for both"), "{none}");
}

#[test]
fn integers_and_what_they_refuse() {
    let (x, zero) = (int64(&[-7, 7, 0]), int64(&[0]));
    let two = int64(&[2]);
    for name in ["floor_divide", "remainder", "fmod"] {
        assert_eq!(refused(name, &[], &[&x, &zero], &["divided by zero", "got 1"]), Kind::Value);
    }
    assert_eq!(values(&call("floor_divide", &[], &[&x, &two])), [-4.0, 3.0, 0.0]);
    assert_eq!(values(&call("remainder", &[], &[&x, &two])), [1.0, 1.0, 0.0]);
    assert_eq!(values(&call("fmod", &[], &[&x, &two])), [-1.0, 1.0, 0.0]);
    let least = int64(&[i64::MIN]);
    assert_eq!(values(&call("floor_divide", &[], &[&least, &int64(&[-1])])), [i64::MIN as f64], "it wraps");
    assert_eq!(
        refused("pow_number", &[Attr::Float(-1.0)], &[&x], &["negative powers", "got the exponent -1"]),
        Kind::Value
    );
    let powers = call("pow", &[], &[&int64(&[1, -1, -1, 2, 3]), &int64(&[-1, -3, -2, -1, 5])]);
    assert_eq!(values(&powers), [1.0, -1.0, 1.0, 0.0, 243.0]);
    for name in ["abs", "floor", "ceil", "trunc", "square", "sign", "relu6"] {
        assert_eq!(call(name, &[], &[&x]).spec.dtype, DType::I64, "{name}");
    }
    assert_eq!(call("sin", &[], &[&x]).spec.dtype, DType::F32);
    assert_eq!(
        refused("bitwise_and", &[], &[&f64s(&[1.0]), &f64s(&[2.0])], &["integers or bool", "got float64"]),
        Kind::DType
    );
    let bytes = nncore::ops::cast::cast(&int64(&[3, 200]), DType::U8).unwrap();
    assert_eq!(values(&call("bitwise_not", &[], &[&bytes])), [252.0, 55.0]);
    assert_eq!(values(&call("square", &[], &[&bytes])), [9.0, (200 * 200 % 256) as f64], "it wraps to its own width");
}

#[test]
fn nan_and_infinity_as_ieee_and_pytorch_have_them() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let same = |name: &str, attrs: &[Attr], x: &[f32], want: &[f32]| {
        let got = call(name, attrs, &[&floats(x)]).to_vec::<f32>().unwrap();
        for ((x, a), b) in x.iter().zip(&got).zip(want) {
            let alike = a.is_nan() && b.is_nan() || a == b && a.is_sign_negative() == b.is_sign_negative();
            assert!(alike, "{name}({x}) is {a}, not {b}");
        }
    };
    same("round", &[Attr::Int(0)], &[0.5, 1.5, 2.5, -0.5, -2.5], &[0.0, 2.0, 2.0, -0.0, -2.0]);
    same("round", &[Attr::Int(-2)], &[12345.678, 250.0], &[12300.0, 200.0]);
    same("sign", &[], &[-3.0, 0.0, nan, inf], &[-1.0, 0.0, 0.0, 1.0]);
    same("rsqrt", &[], &[0.0, -0.0, -1.0, inf], &[inf, -inf, nan, 0.0]);
    same("softplus", &[Attr::Float(1.0), Attr::Float(20.0)], &[-inf, inf, nan], &[0.0, inf, nan]);
    same("logsigmoid", &[], &[-inf, -200.0, nan], &[-inf, -200.0, nan]);
    same("elu", &[Attr::Float(1.0)], &[-inf, inf, nan, -0.0], &[-1.0, inf, nan, -0.0]);
    same("hardtanh", &[Attr::Float(-1.0), Attr::Float(1.0)], &[-inf, inf, nan, 0.5], &[-1.0, 1.0, nan, 0.5]);
    same("softshrink", &[Attr::Float(0.5)], &[nan, -0.0, 0.5, -2.0], &[nan, -0.0, 0.0, -1.5]);
    same("mish", &[], &[200.0, -200.0], &[200.0, -0.0]);
    same("frac", &[], &[-1.5, inf], &[-0.5, nan]);
    let two = |name: &str, a: &[f32], b: &[f32], want: &[f32]| {
        let got = call(name, &[], &[&floats(a), &floats(b)]).to_vec::<f32>().unwrap();
        assert!(got.iter().zip(want).all(|(a, b)| a.is_nan() && b.is_nan() || a == b), "{name}: {got:?}, not {want:?}");
    };
    two("maximum", &[nan, 1.0, 1.0], &[1.0, nan, 2.0], &[nan, nan, 2.0]);
    two("minimum", &[nan, 1.0, 1.0], &[1.0, nan, 2.0], &[nan, nan, 1.0]);
    two("remainder", &[1.0, -7.0, inf, 5.0, 1.0], &[0.1, 2.0, 2.0, inf, 0.0], &[0.099_999_99, 1.0, nan, 5.0, nan]);
    two("floor_divide", &[1.0, -7.0, inf, 1.0, -1.0], &[0.1, 2.0, 2.0, 0.0, inf], &[9.0, -4.0, nan, inf, -1.0]);
    two("pow", &[0.0, -8.0, 1.0, -1.0, 2.0], &[0.0, 1.0 / 3.0, nan, inf, -1.0], &[1.0, nan, 1.0, 1.0, 0.5]);
    let bounds =
        call("clamp", &[], &[&floats(&[nan, 5.0, -5.0, 0.0]), &floats(&[0.0, 2.0, 2.0, nan]), &floats(&[1.0])]);
    let got = bounds.to_vec::<f32>().unwrap();
    assert!(got[0].is_nan() && got[1..3] == [1.0, 1.0] && got[3].is_nan(), "{got:?}");
}

#[test]
fn ties_and_ends_share_gradients_as_pytorch_does() {
    let (a, b) = (f64s(&[1.0, 2.0, 3.0]), f64s(&[1.0, 3.0, 2.0]));
    assert_eq!(gradients("maximum", &[], &[&a, &b]), [[0.5, 0.0, 1.0], [0.5, 1.0, 0.0]]);
    assert_eq!(gradients("minimum", &[], &[&a, &b]), [[0.5, 1.0, 0.0], [0.5, 0.0, 1.0]]);
    let x = f64s(&[0.0, 0.5, 1.0, 2.0, -1.0]);
    let (low, high) = (f64s(&[0.0]), f64s(&[1.0]));
    assert_eq!(gradients("clamp", &[], &[&x, &low, &high]), [vec![0.5, 1.0, 0.5, 0.0, 0.0], vec![1.5], vec![1.5]]);
    // A bound that needs no gradient: the ends pass nothing.
    let leaf = x.leaf();
    let y = nncore::ops::sum::sum(&call("clamp", &[], &[&leaf, &low, &high])).unwrap();
    let g = nncore::grad(&y, &[&leaf], None, Default::default()).unwrap().swap_remove(0);
    assert_eq!(values(&g.unwrap()), [0.0, 1.0, 0.0, 0.0, 0.0]);
    // Crossed bounds: the upper one is the result.
    assert_eq!(gradients("clamp", &[], &[&x, &high, &low]), [vec![0.0; 5], vec![0.0], vec![5.0]]);
    assert_eq!(gradients("hardtanh", &[Attr::Float(0.0), Attr::Float(1.0)], &[&x]), [[0.0, 1.0, 0.0, 0.0, 0.0]]);
    assert_eq!(gradients("abs", &[], &[&f64s(&[-2.0, 0.0, 3.0])]), [[-1.0, 0.0, 1.0]]);
    assert_eq!(gradients("hardswish", &[], &[&f64s(&[-3.0, 3.0])]), [[0.0, 1.0]]);
    assert_eq!(gradients("floor", &[], &[&x]), [[0.0; 5]]);
    assert_eq!(gradients("atan2", &[], &[&f64s(&[0.0]), &f64s(&[0.0])]), [[0.0], [0.0]]);
    // 0^0 has the slope 0, and so has 0^2 in its exponent.
    assert_eq!(gradients("pow", &[], &[&f64s(&[0.0, 0.0]), &f64s(&[0.0, 2.0])]), [[0.0, 0.0], [0.0, 0.0]]);
}

#[test]
fn rare_arguments_are_mended_among_others() {
    // Large ones beside small ones, in a short tail, and where the input is broadcast.
    let x: Vec<f32> = (0..77).map(|i| if i % 5 == 0 { 1e9 + i as f32 * 1e7 } else { i as f32 }).collect();
    let got = call("sin", &[], &[&floats(&x)]).to_vec::<f32>().unwrap();
    for (x, y) in x.iter().zip(&got) {
        let want = (*x as f64).sin();
        assert!((*y as f64 - want).abs() < 1e-7, "sin({x}) is {y}, not {want}");
    }
    let wide = call("fmod", &[], &[&floats(&x), &Tensor::scalar(0.7f32).unwrap()]).to_vec::<f32>().unwrap();
    assert!(x.iter().zip(&wide).all(|(x, y)| *y == *x % 0.7));
}
