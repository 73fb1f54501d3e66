"""Workers enforce what falls due by the clock (S4, H3, X3, X5, E4, T4, T8): never twice, never lost.

``due`` finds it, ``passes`` shares it among workers, ``acts`` and ``clocks`` say what is done, ``lateness`` keeps how
late it was. What is due are rows with an index on their time, so a pass costs by what is due, not by what exists.
"""

from tickets.enforcement.passes import enforce, sweep

__all__ = ["enforce", "sweep"]
