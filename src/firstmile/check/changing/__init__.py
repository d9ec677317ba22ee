"""The smallest change to a command that makes it work, or what hardware would.

`losses` is the order of what a change costs, `flags` the names that engines give to what can be
changed and how a command's words are edited, `serving` and `training` what can be turned and
how far (`knobs`), and `search` finds the change that loses least and reads the changed command
again to be sure of it, in the types of `answers`. `remedies` makes it the remedy of all that it
puts right.
"""

from firstmile.check.changing.answers import Change, NothingWorks
from firstmile.check.changing.losses import Loss
from firstmile.check.changing.remedies import put_right, with_one_remedy
from firstmile.check.changing.search import smallest_change

__all__ = ["Change", "Loss", "NothingWorks", "put_right", "smallest_change", "with_one_remedy"]
