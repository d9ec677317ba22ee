"""The one error a user can put right."""


class UserError(Exception):
    """Say what is wrong, where, and what to do, in one sentence.

    The command line prints the message alone and exits with status 2; a traceback never
    reaches a user.
    """
