"""Recurrent networks over whole sequences, and their single steps: layers and directions around the core's `rnn_layer`."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real

from nncore import _core
from nncore._core import Tensor
from nncore.errors import InvalidValueError, NNCoreError, ShapeError
from nncore.hints import expect_tensors

_layer = _core.function("rnn_layer")
_Weights = Sequence[Tensor]


def lstm(
    input: Tensor,
    hx: Sequence[Tensor],
    params: _Weights,
    has_biases: bool = True,
    num_layers: int = 1,
    dropout: float = 0.0,
    train: bool = False,
    bidirectional: bool = False,
    batch_first: bool = False,
    lengths: Tensor | None = None,
    generator: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Long short-term memory over sequences; gives (output, h_n, c_n).

    With i, f, o the logistic function and g the tanh of `w_ih @ x + b_ih + w_hh @ h + b_hh`: c = f * c + i * g and
    h = o * tanh(c), or with projections w_hr @ (o * tanh(c)).

    Args:
        input: (steps, batch, in), or (batch, steps, in) with `batch_first`, or (steps, in) for one sequence.
        hx: The states to begin with, (h, c), each (num_layers * directions, batch, hidden); with projections h has their
            width.
        params: For each layer, and within it each direction, `w_ih` (4 * hidden, in), `w_hh` (4 * hidden, hidden) and, with
            `has_biases`, `b_ih` and `b_hh` (4 * hidden,). Rows go i, f, g, o. With projections, which there are where `h` is
            narrower than `c`, also `w_hr` (out, hidden); then `w_hh` is (4 * hidden, out).
        has_biases: Are there biases in `params`?
        num_layers: Layers, each of which reads the outputs of the one below.
        dropout: Probability of dropping an element between layers, while `train`.
        train: Is this training?
        bidirectional: Does a second network go from the end to the start? Its outputs follow in the last dimension.
        batch_first: Is the batch the first dimension of input and output?
        lengths: int64 (batch,): steps of each sequence, in any order. Behind them the output is 0, and `h_n` and `c_n` are
            those of the last step. Default: all steps.
        generator: Where dropout draws from; default: the global generator.

    Raises:
        ShapeError: Shapes do not fit.
        InvalidValueError: A length out of range, or another number of parameters than the layers have.

    Source: Hochreiter and Schmidhuber, 1997; Gers et al., 2000. Projections: Sak et al., 2014 (arXiv 1402.1128).
    """
    h, c = _pair("lstm", hx)
    options = (has_biases, num_layers, dropout, train, bidirectional, batch_first, lengths, generator)
    output, h_n, c_n = _run("lstm", input, h, c, params, *options)
    assert c_n is not None
    return output, h_n, c_n


def gru(
    input: Tensor,
    hx: Tensor,
    params: _Weights,
    has_biases: bool = True,
    num_layers: int = 1,
    dropout: float = 0.0,
    train: bool = False,
    bidirectional: bool = False,
    batch_first: bool = False,
    lengths: Tensor | None = None,
    generator: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Gated recurrent units over sequences; gives (output, h_n).

    With r and z the logistic function of their sums: n = tanh(w_in @ x + b_in + r * (w_hn @ h + b_hn)) and
    h = (1 - z) * n + z * h.

    Arguments, shapes and errors as in `lstm`, with one state instead of two; rows of weights go r, z, n.

    Source: Cho et al., 2014, with the reset gate behind the product, as in cuDNN and PyTorch.
    """
    options = (has_biases, num_layers, dropout, train, bidirectional, batch_first, lengths, generator)
    output, h_n, _ = _run("gru", input, hx, None, params, *options)
    return output, h_n


def rnn_tanh(
    input: Tensor,
    hx: Tensor,
    params: _Weights,
    has_biases: bool = True,
    num_layers: int = 1,
    dropout: float = 0.0,
    train: bool = False,
    bidirectional: bool = False,
    batch_first: bool = False,
    lengths: Tensor | None = None,
    generator: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """A plain recurrent network over sequences, `h = tanh(w_ih @ x + b_ih + w_hh @ h + b_hh)`; gives (output, h_n).

    Arguments, shapes and errors as in `lstm`, with one state and one gate.

    Source: Elman, 1990.
    """
    options = (has_biases, num_layers, dropout, train, bidirectional, batch_first, lengths, generator)
    output, h_n, _ = _run("tanh", input, hx, None, params, *options)
    return output, h_n


def rnn_relu(
    input: Tensor,
    hx: Tensor,
    params: _Weights,
    has_biases: bool = True,
    num_layers: int = 1,
    dropout: float = 0.0,
    train: bool = False,
    bidirectional: bool = False,
    batch_first: bool = False,
    lengths: Tensor | None = None,
    generator: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """As `rnn_tanh`, with ReLU instead of tanh."""
    options = (has_biases, num_layers, dropout, train, bidirectional, batch_first, lengths, generator)
    output, h_n, _ = _run("relu", input, hx, None, params, *options)
    return output, h_n


def lstm_cell(
    input: Tensor,
    hx: Sequence[Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One step of `lstm`: gives (h, c).

    Args:
        input: (batch, in), or (in,) for one sequence.
        hx: (h, c), each (batch, hidden) or (hidden,).
        w_ih: (4 * hidden, in).
        w_hh: (4 * hidden, hidden).
        b_ih: (4 * hidden,).
        b_hh: (4 * hidden,).
    """
    h, c = _pair("lstm_cell", hx)
    h, c_n = _step("lstm", input, h, c, w_ih, w_hh, b_ih, b_hh)
    assert c_n is not None
    return h, c_n


def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of `gru`. Shapes as in `lstm_cell`, with 3 gates."""
    return _step("gru", input, hx, None, w_ih, w_hh, b_ih, b_hh)[0]


def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of `rnn_tanh`. Shapes as in `lstm_cell`, with one gate."""
    return _step("tanh", input, hx, None, w_ih, w_hh, b_ih, b_hh)[0]


def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of `rnn_relu`. Shapes as in `lstm_cell`, with one gate."""
    return _step("relu", input, hx, None, w_ih, w_hh, b_ih, b_hh)[0]


def _pair(name: str, hx: object) -> tuple[Tensor, Tensor]:
    """The two states of an LSTM."""
    if not isinstance(hx, tuple | list) or len(hx) != 2:
        raise TypeError(f"{name}() argument hx: a pair of Tensors (h, c) expected, got {hx!r:.60}")
    return hx[0], hx[1]


def _name(cell: str) -> str:
    """The function for sequences of such cells."""
    return cell if cell in ("lstm", "gru") else f"rnn_{cell}"


def _step(
    cell: str,
    input: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> tuple[Tensor, Tensor | None]:
    name = f"{_name(cell)}_cell"
    expect_tensors(name, input=input, hx=h, w_ih=w_ih, w_hh=w_hh, **({} if c is None else {"hx[1]": c}))
    if input.ndim not in (1, 2) or h.ndim != input.ndim or (c is not None and c.ndim != h.ndim):
        shapes = [input.shape, h.shape]
        raise ShapeError(f"a step takes (batch, in) and (batch, hidden), got {shapes}", op=name, shapes=shapes)
    single = input.ndim == 1
    if single:
        input, h, c = input[None], h[None], c if c is None else c[None]
    try:
        _, h_n, c_n = _layer(input[None], h, w_ih, w_hh, c, b_ih, b_hh, None, cell=cell)
    except (NNCoreError, TypeError) as error:
        raise _under(name, error) from None
    if single:
        h_n, c_n = h_n[0], c_n if c is None else c_n[0]
    return h_n, None if c is None else c_n


def _under(name: str, error: Exception) -> Exception:
    """An error of the core's `rnn_layer` as one of the function that was called."""
    if not isinstance(error, NNCoreError):
        return TypeError(str(error).replace("rnn_layer(", f"{name}("))
    error.op = name
    return error


def _run(
    cell: str,
    input: Tensor,
    h: Tensor,
    c: Tensor | None,
    params: _Weights,
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool,
    lengths: Tensor | None,
    generator: Tensor | None,
) -> tuple[Tensor, Tensor, Tensor | None]:
    name = _name(cell)
    expect_tensors(name, input=input, hx=h, **({} if c is None else {"hx[1]": c}))
    if not isinstance(params, Sequence) or not all(isinstance(p, Tensor) for p in params):
        raise TypeError(f"{name}() argument params: a list of Tensors expected, got {params!r:.60}")
    for argument, value, kind in [("num_layers", num_layers, Integral), ("dropout", dropout, Real)]:
        if not isinstance(value, kind):
            raise TypeError(f"{name}() argument {argument}: a number expected, got {value!r:.60}")
    projected = c is not None and h.shape[-1:] != c.shape[-1:]
    directions, each = 1 + bool(bidirectional), (4 if has_biases else 2) + projected
    if len(params) != num_layers * directions * each:
        raise InvalidValueError(
            f"{num_layers} layers in {directions} directions have {num_layers * directions * each} parameters, "
            f"got {len(params)}",
            op=name,
        )
    if not 0 <= dropout <= 1:
        raise InvalidValueError(f"dropout is a probability, got {dropout}", op=name)
    single = input.ndim == 2
    if single:
        input, h, c = input[:, None], h[:, None], c if c is None else c[:, None]
    elif batch_first and input.ndim == 3:
        input = input.permute(1, 0, 2)
    states = [h] if c is None else [h, c]
    if input.ndim != 3 or any(s.ndim != 3 or s.shape[0] != num_layers * directions for s in states):
        raise ShapeError(
            f"an input of 3 dimensions and states ({num_layers * directions}, batch, hidden) expected, got "
            f"{tuple(input.shape)} and {', '.join(str(tuple(s.shape)) for s in states)}",
            op=name,
        )
    last_h, last_c, x = [], [], input
    for layer in range(num_layers):
        if layer and train and dropout:
            state = _core.default_generator() if generator is None else generator
            x = _core.ops.random_dropout(x, state, dropout, True) if dropout < 1 else x * 0.0
        outputs = []
        for k in range(layer * directions, (layer + 1) * directions):
            w_ih, w_hh, *more = params[k * each : (k + 1) * each]
            b_ih, b_hh = more[:2] if has_biases else (None, None)
            begin = None if c is None else c[k]
            reverse = k % directions == 1
            try:
                if projected:
                    y, h_k, c_k = _projected(x, h[k], begin, w_ih, w_hh, b_ih, b_hh, more[-1], lengths, reverse)
                else:
                    y, h_k, c_k = _layer(x, h[k], w_ih, w_hh, begin, b_ih, b_hh, lengths, cell=cell, reverse=reverse)
            except (NNCoreError, TypeError) as error:
                raise _under(name, error) from None
            outputs.append(y)
            last_h.append(h_k)
            last_c.append(c_k)
        x = outputs[0] if directions == 1 else _core.ops.cat(outputs, 2)
    h_n = _core.ops.stack(last_h, 0)
    c_n = None if c is None else _core.ops.stack(last_c, 0)
    if single:
        return x[:, 0], h_n[:, 0], c_n if c_n is None else c_n[:, 0]
    return x.permute(1, 0, 2) if batch_first else x, h_n, c_n


def _projected(
    x: Tensor,
    h: Tensor,
    c: Tensor | None,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
    w_hr: Tensor,
    lengths: Tensor | None,
    reverse: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """One direction of an LSTM whose outputs are `w_hr @ (o * tanh(c))`.

    The op's state is what stands in the parentheses. From the second step on, w_hh @ h is (w_hh @ w_hr) times that. The
    state to begin with need not be such a product; it comes in as further inputs of the first step.
    """
    ops = _core.ops
    steps, batch = x.shape[:2]
    if w_hr.ndim != 2 or w_hh.ndim != 2 or w_hh.shape[1] != w_hr.shape[0] or h.shape != (batch, w_hr.shape[0]):
        raise ShapeError(
            f"w_hh (4 * hidden, out), w_hr (out, hidden) and h (batch, out) expected, got {tuple(w_hh.shape)}, "
            f"{tuple(w_hr.shape)} and {tuple(h.shape)}"
        )
    time = ops.arange(0, steps)[:, None]
    if not reverse:
        first = time == 0
    elif lengths is None:
        first = time == steps - 1
    else:
        first = time == lengths[None] - 1
    given = ops.where(first[:, :, None], h[None], 0.0)
    inputs, weights = ops.cat([x, given], 2), ops.cat([w_ih, w_hh], 1)
    zero = _core.zeros((batch, w_hr.shape[1]), dtype=h.dtype)
    y, h_n, c_n = _layer(inputs, zero, weights, w_hh @ w_hr, c, b_ih, b_hh, lengths, cell="lstm", reverse=reverse)
    h_n = ops.linear(h_n, w_hr)
    if lengths is not None:
        h_n = ops.where((lengths > 0)[:, None], h_n, h)
    return ops.linear(y, w_hr), h_n, c_n
