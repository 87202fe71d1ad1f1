"""SNMP: recordings, tables of MIBs and what their rows say."""
