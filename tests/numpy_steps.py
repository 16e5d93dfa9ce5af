"""Steps of rules and neurons in NumPy, written from the equations of their docstrings."""

import numpy as np

from canns.dynamics import Activity


def product(rule, memory, w, a):
    return memory, rule.learning_rate * np.outer(a.post, a.pre)


def anti_hebbian(rule, memory, w, a):
    return memory, -rule.learning_rate * np.outer(a.post, a.pre)


def covariance(rule, memory, w, a):
    f = rule.coding_level
    return memory, rule.learning_rate * np.outer(a.post - f, a.pre - f)


def hebbian_decay(rule, memory, w, a):
    return memory, rule.learning_rate * np.outer(a.post, a.pre) - rule.decay * w


def running_covariance(rule, memory, w, a):
    x, y = a.pre - memory[0], a.post - memory[1]
    means = memory[0] + x / rule.mean_tau, memory[1] + y / rule.mean_tau
    return means, rule.learning_rate * np.outer(y, x)


def oja(rule, memory, w, a):
    y = a.post
    return memory, rule.learning_rate * (np.outer(y, a.pre) - np.diag(y**2) @ w)


def sanger(rule, memory, w, a):
    y = a.post
    return memory, rule.learning_rate * (np.outer(y, a.pre) - np.tril(np.outer(y, y)) @ w)


def subspace(rule, memory, w, a):
    y = a.post
    return memory, rule.learning_rate * np.outer(y, a.pre - w.T @ y)


def weighted_subspace(rule, memory, w, a):
    y, eta = a.post, rule.learning_rate
    theta = 1 + rule.theta_step * np.arange(len(y))
    return memory, eta * np.stack(
        [v * (a.pre - t * (y @ w)) for v, t in zip(y, theta, strict=True)]
    )


def ica(rule, memory, w, a):
    return memory, -rule.learning_rate * np.outer(np.tanh(a.post), a.pre)  # super-Gaussian


def bcm(rule, memory, w, a):
    (theta,), y = memory, a.post
    after = theta + (y**2 - theta) / rule.threshold_tau
    return (after,), rule.learning_rate * np.outer(y * (y - theta), a.pre)


def law_cooper(rule, memory, w, a):
    after, delta = bcm(rule, memory, w, a)
    return after, delta / memory[0][:, None]


def power_bcm(rule, memory, w, a):
    (mean,), y = memory, a.post
    theta = (abs(mean) / rule.response_scale) ** rule.power * abs(mean)
    after = mean + (y - mean) / rule.response_tau
    return (after,), rule.learning_rate * np.outer(y * (y - theta), a.pre)


def scaling(rule, memory, w, a):
    rate = memory[0] + (a.post - memory[0]) / rule.rate_tau
    return (rate,), rule.learning_rate * (rule.target_rate - rate)[:, None] * w


def instar(rule, memory, w, a):
    return memory, rule.learning_rate * a.post[:, None] * (a.pre - w)


def competitive(rule, memory, w, a):
    total = abs(a.pre).sum()
    if total == 0:
        return memory, 0 * w
    return memory, rule.learning_rate * a.post[:, None] * (a.pre / total - w)


def kohonen(rule, memory, w, a):
    (n,) = memory
    apart = np.arange(len(w)) - np.argmax(a.post)
    sigma = rule.width * np.exp(-rule.width_decay * n)
    near = np.exp(-(apart**2) / (2 * sigma**2))
    eta = rule.learning_rate * np.exp(-rule.rate_decay * n)
    return (n + 1,), eta * near[:, None] * (a.pre - w)


def normalised(rule, memory, w, a):
    return memory, rule.learning_rate * a.post[:, None] * (a.pre - a.potential[:, None] * w)


def score(rule, memory, w, a):
    surprise = a.post - 1 / (1 + np.exp(-rule.beta * a.potential))
    return memory, rule.learning_rate * rule.beta * np.outer(surprise, a.pre)


def decorrelation(rule, memory, w, a):
    return memory, -rule.learning_rate * (np.outer(a.post, a.pre) - rule.p**2)


def thresholds(rule, memory, w, a):
    return memory, rule.learning_rate * (a.post - rule.p)


def intrinsic(rule, memory, w, a):
    y, mu = a.post, rule.mean
    bias = 1 - (2 + 1 / mu) * y + y**2 / mu
    change = bias if rule.parameter == "bias" else 1 / w + a.pre * bias
    return memory, rule.learning_rate * change


def storkey(rule, memory, w, a):
    xi, delta = a.post, np.zeros_like(w)
    size = len(xi)
    h = np.zeros_like(w)
    for i in range(size):
        for j in range(size):
            h[i, j] = sum(w[i, k] * xi[k] for k in range(size) if k not in (i, j))
    for i in range(size):
        for j in range(size):
            delta[i, j] = xi[i] * xi[j] - xi[i] * h[j, i] - h[i, j] * xi[j]
    return memory, rule.learning_rate / size * delta


def diederich_opper(rule, memory, w, a):
    return memory, rule.learning_rate / len(a.pre) * np.outer(a.post - w @ a.pre, a.pre)


def reversed_hebbian(rule, memory, w, a):
    return memory, -rule.rule.learning_rate * np.outer(a.post, a.pre)


#: The step of each rule that learns sample by sample, by the name of its class.
RULE_STEPS = {
    "Hebbian": product,
    "AntiHebbian": anti_hebbian,
    "Covariance": covariance,
    "HebbianDecay": hebbian_decay,
    "RunningCovariance": running_covariance,
    "Oja": oja,
    "Sanger": sanger,
    "OjaSubspace": subspace,
    "WeightedSubspace": weighted_subspace,
    "NonlinearHebbian": ica,
    "BCM": bcm,
    "LawCooperBCM": law_cooper,
    "PowerBCM": power_bcm,
    "SynapticScaling": scaling,
    "Instar": instar,
    "Competitive": competitive,
    "Kohonen": kohonen,
    "KrotovHopfield": normalised,
    "SoftHebb": normalised,
    "Score": score,
    "Decorrelation": decorrelation,
    "ThresholdAdaptation": thresholds,
    "IntrinsicPlasticity": intrinsic,
    "Storkey": storkey,
    "DiederichOpper": diederich_opper,
    "Reversed": reversed_hebbian,
}


def linear(neuron, w, x):
    return Activity(x, w @ x)


def winners(neuron, w, x):
    u = w @ x - (neuron.match == "distance") * 0.5 * (w**2).sum(axis=1)
    first = np.argsort(-u, kind="stable")[: neuron.winners]
    return Activity(x, np.isin(np.arange(len(u)), first).astype(float), potential=u)


def ranked(neuron, w, x):
    current = (np.sign(w) * abs(w) ** (neuron.p - 1)) @ x
    order, y = np.argsort(-current, kind="stable"), np.zeros(len(w))
    y[order[0]], y[order[neuron.rank - 1]] = 1.0, -neuron.delta
    return Activity(x, y, potential=current)


def shares(neuron, w, x):
    u = w @ x
    up = np.exp((u - u.max()) / neuron.temperature)
    return Activity(x, up / up.sum(), potential=u)


def held(neuron, w, x):
    return Activity(x, x)


def given(neuron, w, x):
    out, in_ = w.shape
    rest = x[in_ + out :] if len(x) > in_ + out else None
    return Activity(x[:in_], x[in_ : in_ + out], potential=rest)


def sigmoid(neuron, weights, x):
    w, gain, bias = weights
    h = w @ x
    y = 1 / (1 + np.exp(-(gain * h + bias)))
    parts = Activity(x, y), Activity(h, y), Activity(np.ones_like(h), y)
    return Activity(x, y, parts=parts)


def hierarchical(neuron, weights, x):
    w, lateral = weights
    y = np.linalg.solve(np.eye(len(w)) + np.tril(lateral, -1), w @ x)
    return Activity(x, y, parts=(Activity(x, y), Activity(y, y)))


def lateral(neuron, weights, x):
    w, among = weights
    y = np.linalg.solve(np.eye(len(w)) - among, w @ x)
    return Activity(x, y, parts=(Activity(x, y), Activity(y, y)))


#: What neurons without a state show, by the name of the class. The tests of tests/dynamics hold the
#: neurons that have a state against closed forms and exact solutions.
NEURON_STEPS = {
    "Linear": linear,
    "WinnerTakeAll": winners,
    "RankedWinners": ranked,
    "SoftWinners": shares,
    "Clamped": held,
    "Paired": given,
    "Recorded": given,
    "AdaptiveSigmoid": sigmoid,
    "HierarchicalLinear": hierarchical,
    "LateralLinear": lateral,
}
