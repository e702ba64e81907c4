"""Half of the calls ask for what is there: random ids alone would meet nothing but 404."""

import json
import os

import schemathesis

KNOWN = json.loads(os.environ["SPANHOUSE_KNOWN_IDS"])


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if not path_parameters:
        return path_parameters
    if sum(str(path_parameters).encode()) % 2:
        for name, value in KNOWN.items():
            if name in path_parameters:
                path_parameters[name] = value
    return path_parameters
