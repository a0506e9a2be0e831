chmod 755 dir dir/sub; chmod 640 one; chmod 755 two; ln -s three dir/link; ln -s nowhere dir/dangling; rm -f Dockerfile.keep
