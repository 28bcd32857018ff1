class App {
    void f() {
String name = request.getParameter("name");
String sql = "SELECT * FROM x " + "WHERE y = ?";
s.prepareStatement(sql);
}
}
