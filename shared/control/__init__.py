"""Service control: listeners that are stopped and started while their services run."""
