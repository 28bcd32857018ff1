import org.yaml.snakeyaml.Yaml;
class A { void f() { new Yaml().load(text); } }
