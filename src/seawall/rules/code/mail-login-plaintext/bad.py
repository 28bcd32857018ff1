s = smtplib.SMTP(host)
s.login(user, password)
