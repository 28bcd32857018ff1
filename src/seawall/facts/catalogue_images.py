"""The facts about images, as rules may read them. Part of `facts.catalogue`."""

from seawall.facts.fact_kind import FactKind

IMAGE_KINDS = (
    FactKind(
        name="Image",
        scope="image",
        function="image_values:derive_images",
        about="How an image is configured, what it is made of, and what stands in its history.",
        fields={
            "name": "the image as the user named it",
            "kind": "image, oci-layout, oci-archive, docker-archive or rootfs",
            "registry": "where it was named by a reference: its registry (docker.io where none is written), else empty",
            "repository": "the repository of the reference",
            "tag": "the tag of the reference; latest where neither tag nor digest is written",
            "digest": "the digest of the reference, empty where none is written",
            "manifestDigest": "digest of the manifest, empty where its archive has none",
            "configDigest": "digest of the configuration, which Docker calls the image's id",
            "platform": "os/architecture[/variant]",
            "created": "when it was made, RFC 3339, or empty",
            "ageDays": "days since, -1 where it is not told",
            "today": "the day of the scan, 2026-01-01",
            "author": "who made it, as the image says",
            "user": "the user as written: 1000:1000, app, empty for root",
            "userNumeric": "whether the user is a number",
            "userId": "the user's number, -1 where a name is not in etc/passwd",
            "group": "the group behind the user, as written",
            "runsAsRoot": "yes, no, or unknown where a name is not in etc/passwd",
            "users": "etc/passwd, each with name, uid, gid, home, shell and passwordless",
            "env": "the environment in its order, each with name and value",
            "labels": "its labels",
            "annotations": "the annotations of its manifest and index",
            "exposedPorts": "each with port, last (of a range, else the port) and protocol",
            "volumes": "paths of its volumes",
            "workingDir": "its working directory, empty where none is set",
            "entrypoint": "the words of its entry point",
            "command": "the words of its command",
            "stopSignal": "its stop signal, empty where none is set",
            "onBuild": "instructions for images that are built on it",
            "healthCheck": "set, disabled or missing",
            "history": (
                "each with instruction as a Dockerfile has it, keyword, created, comment, empty, inBase, and env: what an ENV"
                " step sets, each with name, value and overridden (the image's environment has another value, or none)"
            ),
            "buildArguments": "the build arguments that its history names, each with name and values",
            "layers": (
                "each with number, digest, diffId, mediaType, instruction, keyword, created, inBase, read, size (bytes of"
                " its files), files, wasted (bytes that layers above delete or replace), wastedFiles and wastedLargest"
            ),
            "size": "bytes of the files of all layers",
            "wasted": "bytes that layers delete or replace below themselves",
            "allRead": "whether every layer could be read",
            "unverifiedSources": "what its package managers do not check, each with path, line and setting",
            "leftovers": (
                "what builds leave behind, each with owner (apt, apk, dnf, zypper, pacman, pip, npm, yarn, go, cargo, composer or"
                " git), path, files and bytes"
            ),
            "packages": "how many packages it has",
            "programs": "how many ELF files it has",
            "roles": "what its files are known for (ImageFile.role), each with the paths",
            "distro": (
                "id, version, name, codename and like, from os-release, empty where there is none; end is its last day with"
                " updates for everybody, empty where none is known; ended says whether that is past, and may be unknown"
            ),
            "base": (
                "knownBy (told, history: a guess; or empty), name and digest where they are told, layers, created and"
                " ageDays (-1 where it is not known)"
            ),
        },
    ),
    FactKind(
        name="ImageFile",
        scope="image",
        function="image_values:derive_image_files",
        about="A file of an image that stands out by its mode, its kind, its attributes, or by what it is known for.",
        fields={
            "image": "the image as the user named it",
            "path": "its path, absolute",
            "kind": "file, directory, symlink, hardlink, character device, block device or fifo",
            "mode": "its permission bits in octal, four digits",
            "setuid": "whether it runs as its owner",
            "setgid": "whether it runs as its group",
            "worldWritable": "whether everybody may write it",
            "sticky": "whether only owners may delete in the directory",
            "executable": "whether anybody may execute it",
            "uid": "its owner's number",
            "gid": "its group's number",
            "owner": "its owner's name in etc/passwd, empty where there is none",
            "size": "its bytes",
            "target": "where a link leads, as written",
            "capabilities": "the file's capabilities, cap_net_raw",
            "role": (
                "shell, package manager, compiler, debugger, network tool, privilege tool, remote access, container tool,"
                " private key, credentials, terraform state, environment file, authorized keys, or empty"
            ),
            "layer": "the number of its layer, from 1",
            "imageLayer": "the diff id of its layer",
            "instruction": "the build instruction that brought it",
            "inBase": "whether the base image brought it, as far as the base is known",
        },
    ),
    FactKind(
        name="ImagePorts",
        scope="system",
        function="image_ports:derive_image_ports",
        about="The ports that an image exposes, and whether the manifests that run it declare them.",
        fields={
            "image": "the image as the user named it",
            "users": "the resources of the scan that run it, in words",
            "exposed": "as Image.exposedPorts, each with declared too, which is unknown where nothing of the scan runs the image",
        },
    ),
    FactKind(
        name="WorkloadPorts",
        scope="system",
        function="image_ports:derive_workload_ports",
        about="The ports that a workload declares for containers whose image is in the scan and exposes ports.",
        fields={
            "title": "the workload in words",
            "ports": "each with container, image, containerPort, protocol and exposed: whether the image exposes it",
        },
    ),
    FactKind(
        name="BaseAdvice",
        scope="image",
        function="base_advice_values:derive_base_advice",
        about="The smallest base that would run an image's own program, where everything that it needs was seen.",
        fields={
            "image": "the image as the user named it",
            "base": "what to write behind FROM and to install there, empty where no smaller one is certain to run it",
            "source": "where it says what is in that base",
            "starts": "the program that the container starts",
            "packages": "how many packages of a distribution the image has",
            "basePackages": "how many the base has",
            "sizeMB": "what those of the image take, as they say",
            "baseSizeMB": "what the base takes",
            "advisories": "how many advisories concern the image's packages of the distribution, -1 where it is not known",
            "advisoriesGone": "how many of them concern packages that the base does not have, -1 where it is not known",
            "candidates": (
                "the bases that were tried, each with base, runs (yes, no or unknown), packages, and reasons: what speaks"
                " against it"
            ),
        },
    ),
    FactKind(
        name="UnneededPackages",
        scope="image",
        function="base_advice_values:derive_base_advice",
        about="The packages of a distribution in an image that nothing in its application reaches.",
        fields={
            "image": "the image as the user named it",
            "starts": "the program that the container starts",
            "packages": "how many packages of a distribution the image has",
            "unneeded": "the names of those that nothing reaches, where that is certain",
            "sizeMB": "what those take, as they say",
            "advisories": "how many advisories concern them, -1 where it is not known",
            "unknown": "why packages with programs are not among them, or empty",
        },
    ),
)
