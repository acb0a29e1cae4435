def renamed(payload):  #: * user.renamed
    return None


def removed(payload):  #: * user.removed
    return None


def drag(payload):  #: * drag
    return None


def wire(bus):
    bus.subscribe("user.renamed", renamed)
    bus.on("user.removed", removed)


HANDLERS = {"drag": drag, "limit": 3}
SETTINGS = {"drag": drag}
