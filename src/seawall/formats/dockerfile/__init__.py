"""Dockerfiles and Containerfiles, as BuildKit reads them: instructions with exact places, stages, and what variables stand for.

    parsed = parse("Dockerfile", data)
    parsed.stages[-1].steps[0].keyword      # "RUN"

Reference: docs.docker.com/reference/dockerfile, and BuildKit's ``frontend/dockerfile/parser`` for what that leaves open.
"""

from seawall.formats.dockerfile.instructions import Flag as Flag
from seawall.formats.dockerfile.instructions import Heredoc as Heredoc
from seawall.formats.dockerfile.instructions import Instruction as Instruction
from seawall.formats.dockerfile.stages import BuildStage as BuildStage
from seawall.formats.dockerfile.stages import ParsedDockerfile as ParsedDockerfile
from seawall.formats.dockerfile.stages import Step as Step
from seawall.formats.dockerfile.stages import parse as parse
