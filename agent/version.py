"""The version of the agent, that of the project: it also runs as one file, where nothing is installed that would tell."""

VERSION = "0.1.0"
