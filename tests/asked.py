"""Settings with which layers are tried: those that make a walk small, and those that take another way through it."""

from typing import Any

# Where a test looks at every step, the same holds of a small picture as of a larger one, of which the gradient check
# leaves no cell out either, and of a few steps of training as of hundreds.
SMALL = {"in_height": 5, "in_width": 5}
SMALLER: dict[str, dict[str, Any]] = {
    "network": SMALL,
    "batch": SMALL,
    "training": {"epochs": 1, "batch_size": 60, "out_channels": 2},
}

# Besides the default ones, with which copied scripts are tried.
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "conv2d": [
        {"stride": 1, "padding": (0, 1, 2, 0), "dilation": (1, 2), "activation": "gelu", "seed": 3},
        {"in_channels": 4, "groups": 2, "padding_mode": "reflect", "activation": "relu", "activation_before": "tanh"},
    ],
    "max_pool2d": [
        {"ties": "split", "seed": 5, "stride": 1},
        {"ties": "all", "padding": 1, "kernel_height": 3},
        {"ties": "first_in_columns", "ceil_mode": True, "in_height": 5, "dilation": (1, 2)},
        {"padding": "same", "in_height": 5, "in_width": 6, "kernel_height": 3, "dilation": (2, 1), "seed": 2},
        {"padding": "same_lower", "in_width": 5, "kernel_width": 3, "ties": "first_in_columns", "stride": 1, "seed": 3},
        {"padding": (0, 1, 1, 0), "kernel_width": 3, "ceil_mode": True, "stride": 3, "seed": 4},
        {"padding": "same", "in_height": 3, "stride": (2, 1), "ties": "all", "seed": 5},
    ],
    "avg_pool2d": [
        {"ceil_mode": True, "padding": 1, "count_include_pad": False, "in_height": 5, "kernel_width": 3},
        {"padding": "same", "in_height": 5, "kernel_height": 4, "count_include_pad": False, "seed": 2},
        {"padding": "same_lower", "in_width": 3, "kernel_height": 5, "stride": 1, "seed": 3},
        {"padding": (0, 1, 1, 0), "kernel_height": 3, "ceil_mode": True, "stride": 3, "seed": 4},
        {"padding": (1, 0, 0, 1), "ceil_mode": True, "stride": (5, 3), "count_include_pad": False, "seed": 5},
    ],
    "conv_transpose2d": [
        {"in_channels": 2, "out_channels": 2, "groups": 2, "output_padding": 1, "dilation": (2, 1)},
        {"padding": "same"},
        {"padding": "same_lower", "kernel_size": (2, 3), "stride": (3, 2), "dilation": (1, 2), "seed": 1},
        {"padding": (0, 2, 1, 0), "output_padding": 1, "out_channels": 2, "seed": 2},
    ],
    "activation": [{"activation": name} for name in ("identity", "sigmoid", "tanh", "leaky_relu", "gelu")],
    "linear": [{"activation": "gelu", "in_features": 2, "seed": 1}, {"activation": "identity", "out_features": 5}],
    "softmax_cross_entropy": [{"classes": 3, "target": 2, "seed": 4}],
    "im2col": [{"stride": 2, "padding": 1, "dilation": 2}],
    "convolution_as_linear": [{"stride": 2, "padding": 1, "in_height": 5, "out_channels": 2, "dilation": (1, 2)}],
    "chain": [{"padding": 1, "stride": (1, 2), "pool_stride": 1, "seed": 2}],
    "network": [{"padding": 1, "stride": (1, 2), "pool_stride": 1, "classes": 4, "digit": 3, "seed": 3}],
    "training": [{"epochs": 2, "batch_size": 7, "momentum": 0.9, "shuffle": False, "bias": False, "seed": 3}],
    "input_gradient": [{"stride": 2, "padding": 1, "dilation": (1, 2), "out_channels": 2}],
    "cross_correlation": [{"kernel": "symmetric"}],
    "slope_ignored": [{"activation": "tanh", "padding": 1}],
}
