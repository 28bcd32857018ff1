import java.io.*;
import java.security.*;
import java.sql.*;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import javax.servlet.http.*;
import javax.xml.parsers.DocumentBuilderFactory;

public class Shop extends HttpServlet {
    private static final String DB_PASSWORD = "Kx9!vTq2mm"; // expect: password-hard-coded

    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws Exception {
        String name = request.getParameter("name");
        statement.executeQuery("SELECT * FROM users WHERE name = '" + name + "'"); // expect: sql-injection
        String sql = "SELECT * FROM orders WHERE customer = '" + name + "'"; // expect: sql-injection
        statement.executeQuery(sql);
        PreparedStatement safe = connection.prepareStatement("SELECT * FROM users WHERE name = ?");
        Runtime.getRuntime().exec("ping " + name); // expect: command-injection
        new FileInputStream(new File("/srv/files/" + name)); // expect: path-traversal
        response.sendRedirect(request.getParameter("next")); // expect: open-redirect
        new java.net.URL(request.getParameter("url")).openStream(); // expect: server-side-request
        response.getWriter().println("<h1>" + name + "</h1>"); // expect: html-injection
        new ObjectInputStream(request.getInputStream()).readObject(); // expect: deserialization-unsafe
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(request.getInputStream()); // expect: xml-external-entities
        Cookie cookie = new Cookie("session", name);
        cookie.setSecure(false); // expect: cookie-not-secure
        log.info("login with " + password); // expect: secret-logged
    }

    void talk() throws Exception {
        Cipher.getInstance("DES/CBC/PKCS5Padding"); // expect: cipher-weak
        Cipher.getInstance("AES/ECB/PKCS5Padding"); // expect: cipher-mode-ecb
        Cipher.getInstance("AES/GCM/NoPadding");
        new SecretKeySpec("0123456789abcdef".getBytes(), "AES"); // expect: encryption-key-hard-coded
        builder.hostnameVerifier((host, s) -> true); // expect: hostname-verification-disabled
        SSLContext.getInstance("TLSv1"); // expect: tls-version-old
        String token = Long.toHexString(new java.util.Random().nextLong()); // expect: random-predictable
        http.csrf().disable(); // expect: request-forgery-allowed
    }

    static class TrustAll implements X509TrustManager {
        public void checkServerTrusted(X509Certificate[] chain, String type) { } // expect: tls-verification-disabled
    }
}
