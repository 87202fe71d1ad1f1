"""Devices of the network, whichever way they are asked."""
