resource "aws_iam_user" "alice" {
  provider = aws.log_archive
  name     = "Alice"
}

resource "aws_iam_user_policy" "alice_reads_cloudtrail" {
  provider = aws.log_archive
  name     = "read-cloudtrail-logs"
  user     = aws_iam_user.alice.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:aws:kms:us-west-2:222222222222:key/*"
      },
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${aws_s3_bucket.logs.arn}/AWSLogs/*"
      },
    ]
  })
}
