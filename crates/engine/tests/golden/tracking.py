"""fastai's `TrackerCallback`, `SaveModelCallback` and `EarlyStoppingCallback` (fastai/callback/tracker.py), written down again from their
description, on made-up runs. Metrics are float32 tensors, as fastai's `Recorder` has them."""

import numpy as np
import torch


class Tracker:
    def __init__(self, monitor, min_delta):
        self.comp = np.less if "loss" in monitor else np.greater
        self.min_delta = -min_delta if self.comp == np.less else min_delta
        self.best = float("inf") if self.comp == np.less else -float("inf")

    def after_epoch(self, value):
        self.new_best = bool(self.comp(value - self.min_delta, self.best))
        if self.new_best:
            self.best = value


def saved(monitor, min_delta, values):
    """`SaveModelCallback`: the epoch that has been saved last, after each epoch."""
    tracker, epoch, out = Tracker(monitor, min_delta), None, []
    for index, value in enumerate(values):
        tracker.after_epoch(value)
        epoch = index if tracker.new_best else epoch
        out.append(epoch)
    return out


def stopped(monitor, min_delta, patience, values):
    """`EarlyStoppingCallback`: epochs that are trained."""
    tracker, wait = Tracker(monitor, min_delta), 0
    for index, value in enumerate(values):
        tracker.after_epoch(value)
        wait = 0 if tracker.new_best else wait + 1
        if wait >= patience:
            return index + 1
    return len(values)


def runs():
    """Losses that fall and accuracies that rise, both with noise; rounded, so that equal values occur."""
    random = np.random.RandomState(7)
    for epochs in (1, 5, 12, 30):
        steps = np.arange(epochs)
        losses = 0.6 + 1.7 * np.exp(-steps / 6) + random.normal(0, 0.12, epochs)
        accuracies = 0.85 - 0.7 * np.exp(-steps / 5) + random.normal(0, 0.04, epochs)
        yield {"valid_loss": np.round(losses, 2).tolist(), "accuracy": np.round(np.clip(accuracies, 0, 1), 2).tolist()}


def cases():
    out = []
    for run in runs():
        for monitor, values in run.items():
            tensors = [torch.tensor(value, dtype=torch.float32) for value in values]
            for min_delta in (0.0, 0.01, 0.1):
                out.append({
                    "monitor": monitor,
                    "values": values,
                    "min_delta": min_delta,
                    "saved": saved(monitor, min_delta, tensors),
                    "stopped": {str(patience): stopped(monitor, min_delta, patience, tensors) for patience in (1, 2, 3, 5)},
                })
    return out
