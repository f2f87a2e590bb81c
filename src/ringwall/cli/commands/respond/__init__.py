"""`ringwall respond`: from a finding to a proven, reversible action."""

from ringwall.cli.lazy import LazyGroup

COMMANDS = {
    "approve": "Carry out what is proposed about an incident.",
    "deny": "Drop what is proposed about an incident.",
    "halt": "Stop all that acts by itself, until resume.",
    "journal": "Print the journal, every line.",
    "list": "List incidents, the last changed first.",
    "package": "Write the zip of the Lambda function that answers.",
    "reconcile": "Finish or take back what was begun, repair what stands no longer.",
    "report": "Report an offender yourself.",
    "resume": "Let what acts by itself act again.",
    "show": "Show an incident: what happened, what is proposed, its proof, its journal.",
    "status": "Tell what waits, what stands and until when.",
    "sweep": "Take back what has stood long enough.",
    "take": "Take findings and alarms from a file, or from stdin.",
    "unlock": "Release the locks of whoever died while it acted.",
    "watch": "Read logs as they come, and answer what is found.",
    "undo": "Take back what was done about an incident, and prove it.",
}


class RespondCommands(LazyGroup):
    """The commands about responses."""

    package = __name__
    known = COMMANDS


ABOUT = "Answer attacks, with proof before and after, and a way back."
command = RespondCommands(name="respond", help=ABOUT)
