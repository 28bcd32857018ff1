class App {
    void f() {
String u = request.getParameter("url");
new URL(API).openStream();
}
}
