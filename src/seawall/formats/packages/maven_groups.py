"""Groups of Java archives that carry none of Maven's files, because Gradle or Ant built them: Spring, Bouncy Castle and others.

Their manifests do not state a group, and without it no advisory matches. It is not guessed from the name: the archive's own
classes must lie where that group's classes lie. So a foreign ``spring-core-1.0.jar`` stays without a group.
"""

from collections.abc import Iterable

_KNOWN: tuple[tuple[str, str, str], ...] = (
    # how the artifact begins, its group, where its classes lie; the longer beginnings first
    ("spring-boot", "org.springframework.boot", "org/springframework/boot/"),
    ("spring-security-", "org.springframework.security", "org/springframework/security/"),
    ("spring-batch-", "org.springframework.batch", "org/springframework/batch/"),
    ("spring-integration-", "org.springframework.integration", "org/springframework/integration/"),
    ("spring-kafka", "org.springframework.kafka", "org/springframework/kafka/"),
    ("spring-session-", "org.springframework.session", "org/springframework/session/"),
    ("spring-ws-", "org.springframework.ws", "org/springframework/ws/"),
    ("spring-", "org.springframework", "org/springframework/"),
    ("bcprov-", "org.bouncycastle", "org/bouncycastle/"),
    ("bcpkix-", "org.bouncycastle", "org/bouncycastle/"),
    ("bctls-", "org.bouncycastle", "org/bouncycastle/"),
    ("bcutil-", "org.bouncycastle", "org/bouncycastle/"),
    ("elasticsearch", "org.elasticsearch", "org/elasticsearch/"),
    ("grpc-", "io.grpc", "io/grpc/"),
    ("hibernate-validator", "org.hibernate.validator", "org/hibernate/validator/"),
    ("kafka-clients", "org.apache.kafka", "org/apache/kafka/"),
    ("kotlin-stdlib", "org.jetbrains.kotlin", "kotlin/"),
    ("lucene-", "org.apache.lucene", "org/apache/lucene/"),
    ("micrometer-", "io.micrometer", "io/micrometer/"),
    ("mysql-connector-java", "mysql", "com/mysql/"),
    ("mysql-connector-j", "com.mysql", "com/mysql/cj/"),
    ("okhttp", "com.squareup.okhttp3", "okhttp3/"),
    ("okio", "com.squareup.okio", "okio/"),
    ("opensearch", "org.opensearch", "org/opensearch/"),
    ("postgresql", "org.postgresql", "org/postgresql/"),
    ("reactor-core", "io.projectreactor", "reactor/core/"),
    ("reactor-netty", "io.projectreactor.netty", "reactor/netty/"),
    ("retrofit", "com.squareup.retrofit2", "retrofit2/"),
    ("rxjava", "io.reactivex.rxjava3", "io/reactivex/rxjava3/"),
)

_OTHERS = (
    "spring-data-",
    "spring-cloud-",
    "spring-ldap-",
    "spring-amqp",
    "spring-hateoas",
    "spring-plugin-",
    "spring-retry",
)
"""Spring's own projects with other groups. Maven builds them, so they state theirs."""


def confirmed_group(artifact: str, names: Iterable[str]) -> str:
    """Return the group of `artifact` when a class of the archive's entries `names` lies where it should; else nothing."""
    if artifact.startswith(_OTHERS):
        return ""
    for beginning, group, classes in _KNOWN:
        if artifact.startswith(beginning):
            return group if any(name.startswith(classes) and name.endswith(".class") for name in names) else ""
    return ""
