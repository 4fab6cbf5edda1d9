module showback

go 1.26
