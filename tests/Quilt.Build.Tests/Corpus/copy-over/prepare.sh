chmod -R a+rX new
