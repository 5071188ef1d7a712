import torch
from torch import nn

from genprint.encoders._torch import descend, reproducible


def test_descend_forgets_the_gradients_of_other_losses():
    """A network that judges another one collects gradients that are not its own."""
    layer, undisturbed = nn.Linear(5, 3), nn.Linear(5, 3)
    undisturbed.load_state_dict(layer.state_dict())
    inputs = torch.ones(7, 5)
    layer(inputs).sum().backward()
    for network in (layer, undisturbed):
        descend(torch.optim.Adam(network.parameters(), foreach=False), network(inputs).square().mean())
    assert torch.equal(layer.weight, undisturbed.weight)


def test_reproducible_leaves_the_process_as_it_was():
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    draws = []
    for _ in range(2):
        with reproducible(5, threads + 1, "cpu") as device:
            assert device.type == "cpu"
            assert torch.get_num_threads() == threads + 1
            draws.append(torch.rand(3))
    assert torch.equal(*draws)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
