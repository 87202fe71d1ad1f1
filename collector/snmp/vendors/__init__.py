"""Makers of devices, one a file: what their devices say of themselves (collector/snmp/vendor.py)."""
