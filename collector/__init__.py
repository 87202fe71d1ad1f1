"""Agentless discovery over SSH and SNMP."""
