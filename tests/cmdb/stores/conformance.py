"""The one suite for all store adapters: each promise of cmdb/ports.py, as a test.

A test module of an adapter has the fixtures `store`, an empty store, and `reopen`, which opens the same place once
more, and a class that inherits from Conformance.
"""

from __future__ import annotations

from tests.cmdb.stores.conformance_anchors import Anchored
from tests.cmdb.stores.conformance_erasing import Erasing
from tests.cmdb.stores.conformance_find import Find
from tests.cmdb.stores.conformance_freeing import Freeing
from tests.cmdb.stores.conformance_imports import Imports
from tests.cmdb.stores.conformance_late_traces import ErasingWhatComesLate
from tests.cmdb.stores.conformance_links import Links
from tests.cmdb.stores.conformance_moving import Moving
from tests.cmdb.stores.conformance_people import People
from tests.cmdb.stores.conformance_portability import Portability
from tests.cmdb.stores.conformance_raw import RawBatches
from tests.cmdb.stores.conformance_records import Records
from tests.cmdb.stores.conformance_scopes import Scopes
from tests.cmdb.stores.conformance_states import States
from tests.cmdb.stores.conformance_sweep_traces import SweptTraces
from tests.cmdb.stores.conformance_sweeps import SweepRecords
from tests.cmdb.stores.conformance_traces import LeavingNoTrace
from tests.cmdb.stores.conformance_transactions import Transactions


class Conformance(
    States,
    Scopes,
    Records,
    Transactions,
    Find,
    Portability,
    People,
    RawBatches,
    Moving,
    Imports,
    Freeing,
    Erasing,
    LeavingNoTrace,
    ErasingWhatComesLate,
    Anchored,
    SweepRecords,
    SweptTraces,
    Links,
):
    """Every promise."""
