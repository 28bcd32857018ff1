s = smtplib.SMTP(host)
s.starttls()
s.login(u, p)
