import sys


def run(features, flush=lambda: None):
    """Does the feature that the command line names, then `flush`. An error that the feature is about has been caught by it."""
    feature = sys.argv[1]
    if feature not in features:
        sys.exit(f"no feature {feature}")
    features[feature]()
    flush()
