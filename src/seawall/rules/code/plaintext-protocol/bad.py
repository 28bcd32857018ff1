ftp = ftplib.FTP('ftp.acme.com')
