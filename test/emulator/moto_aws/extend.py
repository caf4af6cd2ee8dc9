"""How the modules here change moto: by methods of its own classes, put in place once, before the first request."""


def extends(target):
    """Puts what a class has into moto's class `target`; what that replaces stays there as `moto_<name>`."""

    def put(extension):
        for name, value in vars(extension).items():
            if name.startswith("__") and name != "__init__":
                continue
            if hasattr(target, name):
                setattr(target, f"moto_{name.strip('_')}", getattr(target, name))
            setattr(target, name, value)
        return extension

    return put
