"""The facts about application code, as rules may read them. Part of `facts.catalogue`."""

from seawall.facts.fact_kind import FactKind

CODE_KINDS = (
    FactKind(
        name="CodePattern",
        scope="file",
        function="code_patterns:derive_code_patterns",
        about="A place in source code that has one of the forms of detectors/code.",
        fields={
            "detector": "the detector whose form it has",
            "language": "python, javascript, typescript, tsx, go or java",
            "path": "the file",
            "line": "the line where it begins",
            "text": "its text, *** where that may be a credential",
            "captures": "what each metavariable of the form stands for, by name",
            "says": "what is wrong with it, in words",
        },
    ),
)
