"""The spine: ``events.recording.record`` writes what happened, ``events.reactions.reaction`` registers an interest."""
