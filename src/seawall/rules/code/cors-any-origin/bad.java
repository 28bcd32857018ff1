class App {
    @CrossOrigin("*") void f() { }
}
