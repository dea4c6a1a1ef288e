"""`python -m integration_tests.benchmarks`, which `agora bench` runs."""

from integration_tests.benchmarks.command import command

if __name__ == "__main__":
    command(prog_name="agora bench")
