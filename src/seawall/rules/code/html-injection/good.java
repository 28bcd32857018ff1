class App {
    void f() {
String name = request.getParameter("name");
response.getWriter().println("<h1>" + title + "</h1>");
}
}
