class App {
    void f() {
String name = request.getParameter("name");
new File("/data/list");
}
}
