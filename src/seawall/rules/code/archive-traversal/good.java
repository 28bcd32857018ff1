class App {
    void f(ZipEntry entry) { p = dest.resolve(entry.getName()).normalize(); }
}
