resource "aws_iam_user" "alice" {
  provider = aws.log_archive
  name     = "Alice"
}

data "aws_iam_policy_document" "alice" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.cloudtrail.arn]
  }

  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.logs.arn}/AWSLogs/*"]
  }
}

resource "aws_iam_policy" "alice" {
  provider = aws.log_archive
  name     = "read-cloudtrail-logs"
  policy   = data.aws_iam_policy_document.alice.json
}

resource "aws_iam_user_policy_attachment" "alice" {
  provider   = aws.log_archive
  user       = aws_iam_user.alice.name
  policy_arn = aws_iam_policy.alice.arn
}
