ftp = ftplib.FTP_TLS('ftp.acme.com')
