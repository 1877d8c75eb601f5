//! The normal distribution's function and its inverse, in float64.

/// The probability that a standard normal number is below `x`. Precise to its last digits in the lower tail too.
pub fn normal_cdf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 0.0 {
        return 1.0 - normal_cdf(-x);
    }
    let (t, density) = (-x, (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt());
    if t < 2.0 {
        // t + t^3 / 3 + t^5 / (3 * 5) + …, which does not alternate.
        let (mut term, mut sum, mut k) = (t, t, 1.0);
        while term > sum * 1e-17 {
            k += 2.0;
            term *= t * t / k;
            sum += term
        }
        return 0.5 - density * sum;
    }
    // Mills's ratio as Laplace's continued fraction, from its end: 1 / (t + 1 / (t + 2 / (t + 3 / …))).
    let mut below = t;
    for k in (1..=200).rev() {
        below = t + k as f64 / below
    }
    density / below
}

/// The number that a standard normal one is below with probability `p`.
///
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988 (PPND16, 1e-16).
pub fn normal_quantile(p: f64) -> f64 {
    // Not a number, or no probability: infinities at the ends.
    if !(p > 0.0 && p < 1.0) {
        return match p {
            0.0 => f64::NEG_INFINITY,
            1.0 => f64::INFINITY,
            _ => f64::NAN,
        };
    }
    let ratio = |r: f64, above: &[f64; 8], below: &[f64; 8]| {
        let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |y: f64, c| y.mul_add(r, *c));
        horner(above) / horner(below)
    };
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(0.180625 - q * q, &CENTRE.0, &CENTRE.1);
    }
    let r = (-p.min(1.0 - p).ln()).sqrt();
    let x = if r <= 5.0 { ratio(r - 1.6, &MIDDLE.0, &MIDDLE.1) } else { ratio(r - 5.0, &TAIL.0, &TAIL.1) };
    x.copysign(q)
}
type Ratio = ([f64; 8], [f64; 8]);
#[allow(clippy::excessive_precision)]
const CENTRE: Ratio = (
    [
        3.3871328727963666080,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ],
    [
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ],
);
#[allow(clippy::excessive_precision)]
const MIDDLE: Ratio = (
    [
        1.42343711074968357734,
        4.63033784615654529590,
        5.76949722146069140550,
        3.64784832476320460504,
        1.27045825245236838258,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ],
    [
        1.0,
        2.05319162663775882187,
        1.67638483018380384940,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ],
);
#[allow(clippy::excessive_precision)]
const TAIL: Ratio = (
    [
        6.65790464350110377720,
        5.46378491116411436990,
        1.78482653991729133580,
        2.96560571828504891230e-1,
        2.65321895265761230930e-2,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ],
    [
        1.0,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ],
);
