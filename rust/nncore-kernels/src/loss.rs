//! Losses: of pairs of numbers (elementwise, in one pass with their sum or their gradient), and of rows with labels.
mod multilabel;
mod pair;
pub mod pairs;
mod rows;
pub use multilabel::{multilabel_margin, multilabel_margin_slopes};
pub use pair::{each, gradients, total, Pair};
pub use pairs::{with_pair, Kind};
pub use rows::{multi_margin, multi_margin_gradient, nll, nll_gradient, Margin, Nll};
