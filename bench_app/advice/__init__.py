"""Which settings would have lost nothing: ledger, load, settings -> **advice** -> terminal, window, result. Pure.

Each rule explains one kind of loss by a sum, and proposes settings of the preset with which the sum comes out.
"""
