"""Faults on our side, and clients that attack: nothing that was acknowledged is lost, and other clients are served."""
