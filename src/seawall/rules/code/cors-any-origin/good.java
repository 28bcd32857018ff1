class App {
    @CrossOrigin("https://acme.com") void f() { }
}
