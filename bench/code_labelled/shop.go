package shop

import (
	"crypto/des"
	"crypto/rsa"
	"crypto/rand"
	"crypto/tls"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof" // expect: profiler-served
	"os"
	"os/exec"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/ssh"
)

const dbPassword = "Kx9!vTq2mm" // expect: password-hard-coded

func users(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("name")
	db.Query("SELECT * FROM users WHERE name = '" + name + "'") // expect: sql-injection
	query := fmt.Sprintf("SELECT * FROM orders WHERE customer = '%s'", name) // expect: sql-injection
	db.Query(query)
	db.Query("SELECT * FROM users WHERE name = $1", name)
	fmt.Fprintf(w, "<h1>%s</h1>", name) // expect: html-injection
	exec.Command("sh", "-c", "ping "+name).Run() // expect: command-injection
	exec.Command("ping", name).Run()
	os.ReadFile("/srv/files/" + name) // expect: path-traversal
	http.Redirect(w, r, r.FormValue("next"), http.StatusFound) // expect: open-redirect
	http.Get(r.URL.Query().Get("url")) // expect: server-side-request
	w.Header().Set("Access-Control-Allow-Origin", "*") // expect: cors-any-origin
	http.SetCookie(w, &http.Cookie{Name: "session", Value: name}) // expect: cookie-not-secure
}

func talk(password string) {
	config := &tls.Config{InsecureSkipVerify: true} // expect: tls-verification-disabled
	config.MinVersion = tls.VersionTLS10 // expect: tls-version-old
	ssh.Dial("tcp", host, &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()}) // expect: ssh-host-unverified
	sql.Open("postgres", "host=db user=shop sslmode=disable") // expect: database-plaintext
	des.NewCipher(key) // expect: cipher-weak
	rsa.GenerateKey(rand.Reader, 1024) // expect: rsa-key-short
	log.Printf("login with %s", password) // expect: secret-logged
	parser.ParseUnverified(token, claims) // expect: jwt-unverified
	jwt.New(jwt.SigningMethodHS256).SignedString([]byte("hush")) // expect: session-secret-hard-coded
	os.Chmod("/srv/data", 0777) // expect: file-open-to-all
	http.Get("http://rates.acme.io/today") // expect: plaintext-request
}
