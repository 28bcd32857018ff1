class App {
    void f(ZipEntry entry) { new File(dest, entry.getName()); }
}
