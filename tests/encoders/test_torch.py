import torch
from torch import nn

from genprint.encoders._torch import Adam, reproducible


def test_adam_takes_the_steps_of_torchs_class():
    torch.manual_seed(0)
    ours, theirs = nn.Linear(5, 3), nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    inputs = torch.randn(7, 5)
    optimiser = Adam(ours.parameters(), 0.01, betas=(0.5, 0.999))
    reference = torch.optim.Adam(theirs.parameters(), lr=0.01, betas=(0.5, 0.999))
    for _ in range(20):
        optimiser.descend(ours(inputs).square().mean())
        reference.zero_grad()
        theirs(inputs).square().mean().backward()
        reference.step()
    assert torch.equal(ours.weight, theirs.weight)


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
