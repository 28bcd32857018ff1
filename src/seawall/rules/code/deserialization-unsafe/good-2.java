import org.yaml.snakeyaml.Yaml;
class A { void f() { new Yaml(new SafeConstructor(o)).load(text); } }
