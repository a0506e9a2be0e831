chmod -R a+rX d
